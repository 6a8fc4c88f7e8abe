# Warnings for all code of this tree. Directory-wide on purpose: no target can forget them, and no
# installed target passes them on to its users.
add_compile_options(-Wall -Wextra -Wpedantic)
if(BATON_WERROR)
  add_compile_options(-Werror)
endif()
