// The constants and tensors of the tuner's executable, from the files beside it.
    .section .rodata
<%#blobs%>
    .balign 64
    .globl tune_<% label %>
tune_<% label %>:
    .incbin "<% label %>.bin"
<%/blobs%>
    .balign 64
    .section .note.GNU-stack, "", %progbits
