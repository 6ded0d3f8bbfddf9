# Shared by the test extensions (test/bridge, test/binder): sources of pgmigrate compiled into a module of its own.
# The including makefile sets EXTENSION, OBJS and DATA before. Objects are named <folder of src>_<file>.o.
SOURCE       = ../../src
MODULE_big   = $(EXTENSION)
REGRESS      = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --temp-instance=tmp_check --temp-config=../module.conf --no-locale --encoding=UTF8 --load-extension=$(EXTENSION)
EXTRA_CLEAN  = $(OBJS:.o=.d) tmp_check

# Flags as in the Makefile of pgmigrate, which says why.
PG_CONFIG   ?= pg_config
PG_CPPFLAGS  = -I$(SOURCE) -isystem $(shell $(PG_CONFIG) --includedir-server) \
               '-DPGDLLEXPORT=__attribute__((visibility("default")))'
PG_CXXFLAGS  = -std=c++20 -Wall -Wextra -Wshadow -Wno-register -fvisibility=hidden -MMD -MP $(WERROR)
SHLIB_LINK   = -lfmt -lboost_container -lstdc++
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
-include $(OBJS:.o=.d)

pg_%.o: $(SOURCE)/pg/%.cpp
	$(COMPILE.cc) -o $@ $<
core_%.o: $(SOURCE)/core/%.cpp
	$(COMPILE.cc) -o $@ $<
sync_%.o: $(SOURCE)/sync/%.cpp
	$(COMPILE.cc) -o $@ $<
