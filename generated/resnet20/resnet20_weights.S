// The packed weights of resnet20 as read-only data. resnet20_weights.bin is found through the
// assembler's include path.
    .section .rodata.resnet20_weights, "a", %progbits
    .balign 64
    .global resnet20_weights
    .type resnet20_weights, %object
resnet20_weights:
    .incbin "resnet20_weights.bin"
    .size resnet20_weights, . - resnet20_weights
    .section .note.GNU-stack, "", %progbits
