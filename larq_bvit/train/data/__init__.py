"""From encoded images to batches: deterministic, resumable at any step, sharded.

    source[index] -> JPEG -> decode and crop -> RandAugment -> uint8 (H, W, 3)    one image
    batch -> flip, colour, erasing -> MixUp, CutMix -> normalised float32        one batch

`sampler.py` draws everything that is random, in NumPy, from (seed, step): which images, and a
row of uniform numbers for each. All that follows is a pure function of an image and its row, so
threads cannot change a batch, and any step can be made without those before it.
"""
