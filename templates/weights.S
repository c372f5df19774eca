// The packed weights of <% model %> as read-only data. <% model %>_weights.bin is found through the
// assembler's include path.
    .section .rodata.<% model %>_weights, "a", %progbits
    .balign <% alignment %>
    .global <% model %>_weights
    .type <% model %>_weights, %object
<% model %>_weights:
    .incbin "<% model %>_weights.bin"
    .size <% model %>_weights, . - <% model %>_weights
    .section .note.GNU-stack, "", %progbits
