"""What a job carries to another machine: it needs Python, NumPy and JAX, and nothing of ours."""
