"""Benchmarks on other machines: phones over adb, boards over ssh.

shell (how to reach one: adb, ssh, or this machine) -> device (what it is) -> folder (what is put
there) -> programs (what runs a .tflite there, and how its output reads) -> rounds (in turn)

`connect` reaches a machine by its name, `flow.measure` does all on one, `several` on many at once.
"""
