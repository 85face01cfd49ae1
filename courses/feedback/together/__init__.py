"""Several people who saw the same thing: «moi aussi», and duplicates merged into one."""
