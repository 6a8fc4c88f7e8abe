# lld where it is present: a build from scratch links some sixty programs, and the linker of the
# system takes a few seconds of each. Not for who builds Baton as a part of something else.
find_program(BATON_LLD ld.lld)
mark_as_advanced(BATON_LLD)
if(BATON_LLD AND PROJECT_IS_TOP_LEVEL)
  add_link_options(-fuse-ld=lld)
endif()
