"""What is measured: .tflite files, and models of the zoo and full-precision twins as such.

subject (what a name means) -> precision (converted in float32 or 8 bits) -> kept (made once) ->
facts (what a file holds)
"""
