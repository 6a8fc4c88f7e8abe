# lld where it is present: a build from scratch links some sixty programs, and the linker of the
# system takes a few seconds of each. Not for who builds Baton as a part of something else, nor for who
# has chosen a linker, or has GCC optimize while it links, which lld cannot; -DBATON_LLD=OFF for others.
find_program(BATON_LLD ld.lld)
mark_as_advanced(BATON_LLD)
if(BATON_LLD AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION
   AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_EXE_LINKER_FLAGS}" MATCHES "-fuse-ld=|-flto")
  add_link_options(-fuse-ld=lld)
endif()
