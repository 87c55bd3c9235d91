import larq_bvit  # noqa: F401  before anything imports TensorFlow, so that it takes legacy Keras
