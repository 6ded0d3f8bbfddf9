# PGXS makefile: `make`, `make install`, `make installcheck`.
# The folders without PostgreSQL headers and their GoogleTest suite are built by CMakeLists.txt.
EXTENSION    = pgmigrate
EXTVERSION   = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" pgmigrate.control)
MODULE_big   = pgmigrate
OBJS         = $(patsubst %.cpp,%.o,$(sort $(wildcard src/*/*.cpp)))
DATA_built   = pgmigrate--$(EXTVERSION).sql
PGFILEDESC   = "pgmigrate - zero-downtime schema migrations"

REGRESS      = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --temp-instance=tmp_check --temp-config=test/postgresql.conf --no-locale --encoding=UTF8
ISOLATION    = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --temp-instance=tmp_check_iso --temp-config=test/postgresql.conf --no-locale --encoding=UTF8 \
                 --inputdir=test/isolation
TAP_TESTS    = 1
PROVE_TESTS  = test/tap/*.pl
EXTRA_CLEAN  = $(OBJS:.o=.d) tmp_check tmp_check_iso

PG_CONFIG   ?= pg_config
# The server headers come by -isystem, which silences their warnings (C casts, flexible arrays) but not ours.
# PostgreSQL 15 leaves PGDLLEXPORT empty, so we define it for -fvisibility=hidden.
PG_CPPFLAGS  = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server) \
               '-DPGDLLEXPORT=__attribute__((visibility("default")))'
PG_CXXFLAGS  = -std=c++20 -Wall -Wextra -Wshadow -Wno-register -fvisibility=hidden -MMD -MP $(WERROR)
# PGXS links with the C compiler, so the C++ library is named here.
SHLIB_LINK   = -lyaml-cpp -lfmt -lboost_container -lprometheus-cpp-core -lstdc++
# PGXS would build bitcode with clang and without PG_CXXFLAGS; nothing here gains from JIT inlining.
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
-include $(OBJS:.o=.d)

pgmigrate--$(EXTVERSION).sql: $(sort $(wildcard src/schema/*.sql)) pgmigrate.control
	cat $(filter %.sql,$^) > $@
