"""Names of the files that are compared, by which results and goals go."""

FROZEN, NAIVE, TWIN = "binaryvit_small", "binaryvit_small naive", "binaryvit_small float32"
DEIT, DEIT_INT8, DEIT_DYNAMIC = "deit_small float32", "deit_small int8", "deit_small dynamic int8"
REACTNET, BIREALNET = "reactnet_a", "birealnet_18"
RESNET, RESNET_INT8 = "resnet_18 float32", "resnet_18 int8"
