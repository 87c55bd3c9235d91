"""What a .tflite is made of, and why layers are float."""
