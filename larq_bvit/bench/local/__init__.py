"""Times .tflite files on this machine: a process per file and runtime, all of them in turn.

mode (which runtime) -> opened (a file in it) -> worker (a process for it) -> turns (rounds)
"""
