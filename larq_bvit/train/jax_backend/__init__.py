"""Training by JAX, for machines where TensorFlow does not run, such as those with the newest GPUs.

    recipe -> export_job -> a folder -> python run.py, with JAX and NumPy alone -> collect -> a run

The step of Keras' `fit` is compiled for XLA once, with the pipeline's augmentation; JAX runs it.
"""
