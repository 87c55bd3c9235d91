"""Package metadata of larq_bvit; tool settings are in pyproject.toml."""

import re
import sys
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
# There are no wheels for Intel Macs.
JAX = 'jax==0.6.*; sys_platform != "darwin" or platform_machine != "x86_64"'
# The artifacts beside the code become data of the package; larq_bvit/artifacts.py finds them.
ARTIFACTS = {
    f"larq_bvit._artifacts.{folder}": folder
    for folder in ("zoo", "train", "convert")
    if (HERE / folder).is_dir()
}

native = None
if (HERE / "native" / "setup_commands.py").exists():  # not so in a partial checkout
    sys.path.insert(0, str(HERE / "native"))
    import setup_commands as native


def read_version() -> str:
    """The version without importing the package (its dependencies may be absent)."""
    text = (HERE / "larq_bvit" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if match is None:
        raise RuntimeError('larq_bvit/__init__.py has no line `__version__ = "..."`')
    return match.group(1)


def read_readme() -> str:
    """The README as the long description; empty where a partial checkout lacks it."""
    readme = HERE / "README.md"
    return readme.read_text(encoding="utf-8") if readme.exists() else ""


setup(
    name="larq_bvit",
    version=read_version(),
    description="Binary vision transformers and other binary networks for Keras and Larq",
    long_description=read_readme(),
    long_description_content_type="text/markdown",
    author="larq_bvit authors",
    license="Apache-2.0",
    license_files=["LICENSE", "larq_bvit/assets/WORDNET_LICENSE.txt"],
    python_requires=">=3.10,<3.13",
    cmdclass=native.COMMANDS if native else {},
    setup_requires=native.requirements() if native else [],
    packages=[*find_packages(include=["larq_bvit*"]), *ARTIFACTS],
    package_dir=ARTIFACTS,
    package_data={
        "larq_bvit": ["assets/*", "py.typed", "bench/report/page/*.css", "bench/report/page/*.js"],
        **{package: ["**/*"] for package in ARTIFACTS},
    },
    install_requires=[
        # tf-keras must have TensorFlow's minor version; it demands that by itself.
        "tensorflow>=2.16,<2.20",
        "tf-keras>=2.16,<2.20",
        "larq==0.14.*",
        # There is no wheel for Linux on aarch64: train and convert elsewhere, run there.
        'larq-compute-engine>=0.16,<0.17; sys_platform != "linux" or platform_machine != "aarch64"',
        "numpy<2",
        "protobuf<6",
        "filelock",
        "flatbuffers",
        "h5py",
        "pillow",
        "platformdirs",
        "requests",
        "rich",
        "safetensors",
        'tomli; python_version < "3.11"',
        "tomli-w",
        "typer",
    ],
    extras_require={
        "data": ["tensorflow-datasets"],
        # The newest with NumPy 1, beside TensorFlow 2.19; it exports, any later JAX trains.
        "jax": [JAX],
        # A small runtime for the native delegate; without it TensorFlow's own is used.
        "litert": ["ai-edge-litert"],
        "plot": ["matplotlib"],
        "torch": ["torch"],
        # setuptools, because a test builds the package without the network; CMake, to build the
        # native delegate anew; what the other extras hold, torch apart, because the tests use it.
        "dev": [
            "pytest",
            "pytest-xdist",
            "ruff",
            "mypy",
            "setuptools>=70.1",
            "matplotlib",
            "tensorflow-datasets",
            'ai-edge-litert; sys_platform == "linux"',
            'cmake; sys_platform == "linux"',
            JAX,
        ],
    },
    entry_points={"console_scripts": ["larq-bvit = larq_bvit.cli:main"]},
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
