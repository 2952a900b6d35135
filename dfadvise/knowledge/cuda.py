"""The packages of NVIDIA's CUDA images, by the flavour in the tag.

Source: the images' own build files for CUDA 11, 12 and 13, read 2026-11-24.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words
from dfadvise.knowledge.options import NONE
from dfadvise.knowledge.tags import version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.base.bases import Base

_IMAGES = ("nvidia/cuda", "nvcr.io/nvidia/cuda")
# Packages whose names end in the version of CUDA: `cuda-nvcc-12-6`.
_BASE = words("cuda-cudart cuda-compat")
_RUNTIME = _BASE | words("cuda-libraries cuda-nvtx libnpp libcublas libcusparse")
_DEVEL = _RUNTIME | words(
    "cuda-toolkit cuda-compiler cuda-nvcc cuda-minimal-build cuda-command-line-tools cuda-cudart-dev cuda-libraries-dev"
    " cuda-nvml-dev cuda-nvprof libnpp-dev libcublas-dev libcusparse-dev"
)
# Names without a version, which bring a toolkit whatever is there.
_TOOLKITS = words("cuda cuda-toolkit nvidia-cuda-toolkit cuda-toolkit-11 cuda-toolkit-12 cuda-toolkit-13")
_CUDNN = words("libcudnn8 libcudnn9 libcudnn9-cuda-11 libcudnn9-cuda-12 libcudnn9-cuda-13")
_CUDNN_DEVEL = words("libcudnn8-dev libcudnn9-dev libcudnn9-dev-cuda-11 libcudnn9-dev-cuda-12 libcudnn9-dev-cuda-13")


def provided_cuda(base: Base) -> frozenset[str]:
    """The packages that only repeat what a CUDA image has already; none for other images and unknown tags."""
    if base.name not in _IMAGES or not base.tag:
        return NONE
    tags = base.tag.split("-")
    numbers = version(tags[0])
    if len(numbers) < 2:
        return NONE
    devel, runtime = "devel" in tags, "runtime" in tags
    ending = f"-{numbers[0]}-{numbers[1]}"
    found = {name + ending for name in (_DEVEL if devel else _RUNTIME if runtime else _BASE)}
    if devel:
        found |= _TOOLKITS | {"libnccl2", "libnccl-dev"}
    elif runtime:
        found.add("libnccl2")
    if any(word.startswith("cudnn") for word in tags):
        found |= _CUDNN | (_CUDNN_DEVEL if devel else NONE)
    return frozenset(found)
