/** Mails that the address of a file can name: more make one that servers refuse. */
export const mostFileIds = 200;
