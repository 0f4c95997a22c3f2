# evergreen.virt. Each target is one command on a fresh Debian 12 as root; what it lacks it installs below .cache/. Who is not root can
# do what needs no lab: Debian packages that are missing are named then.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= /usr/bin/python3
APT := $(shell grep -v '^\#' tests/apt-packages.txt)
ENV := . tests/tools/env.sh;
# Tests that share nothing go side by side, a file at a time, on all processors; those of the lab have one lab, and go one after another.
SIDE_BY_SIDE := -n auto --dist loadfile tests/unit tests/ecosystem
ON_THE_LAB := tests/integration tests/faults
SCENARIOS := tests/integration/test_molecule.py tests/integration/test_molecule_all.py
MATRIX := tests/faults/test_matrix.py
export KEEP ?=
ARGS ?=

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

.PHONY: packages
packages: ## Install the Debian packages that the tools need, which only root can
	@dpkg -s $(APT) >/dev/null 2>&1 || { echo "installing Debian packages: $(APT)"; apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(APT) >/dev/null; }

.PHONY: tools
tools: $(if $(filter 0,$(shell id -u)),packages) ## Install the toolchain and the collections that the tests need; as root, packages before
	@$(PYTHON) tests/tools/bootstrap.py

.PHONY: demo
demo: tools ## From a fresh machine to a finished upgrade: build/demo/report.json (KEEP=1 leaves the lab up)
	@$(ENV) python tests/demo/run.py $(ARGS)

# What the lab starts from is built while the code is looked at: the one waits for downloads and disks, the other for processors.
.PHONY: test
test: tools ## What CI runs: lint, sanity, unit tests, integration tests and faults on the lab, without the slow ones
	@$(MAKE) -j3 ARGS= lab-images test-offline
	@$(ENV) pytest $(WITH_SLOW) $(ON_THE_LAB) $(ARGS)

.PHONY: test-full
test-full: ## Like test, with the slow tests
	@$(MAKE) test WITH_SLOW='-m ""'

.PHONY: test-offline
test-offline: ## What needs no lab: lint and sanity, with -j2 beside each other, then unit tests
	@$(MAKE) lint sanity
	@$(ENV) pytest $(WITH_SLOW) $(SIDE_BY_SIDE) $(ARGS)

.PHONY: test-unit
test-unit: tools ## The unit tests that start no programs of their own: what to run after each change
	@$(ENV) pytest -m "not slow and not programs" -n auto --dist loadfile tests/unit $(ARGS)

# What test-full does besides test, in parts that a night has time for one beside the other: test-ecosystem, test-lab, molecule, faults.
.PHONY: test-ecosystem
test-ecosystem: tools ## The slow tests that need no lab: planner, tarball, Galaxy's importer, a stand-in for AWX, documentation
	@$(ENV) pytest -m slow $(SIDE_BY_SIDE) $(ARGS)

.PHONY: test-lab
test-lab: tools ## The slow tests on the lab, without Molecule's and the table of faults
	@$(ENV) pytest -m slow $(ON_THE_LAB) $(addprefix --ignore ,$(SCENARIOS) $(MATRIX)) $(ARGS)

.PHONY: molecule
molecule: tools ## Molecule's scenarios on the lab, one by one and all in one go
	@$(ENV) pytest -m slow $(SCENARIOS) $(ARGS)

.PHONY: faults
faults: tools ## Break something in the middle of a real upgrade, then look what is left: build/faults.json
	@$(ENV) pytest -m slow -v $(MATRIX) $(ARGS)

.PHONY: bench
bench: tools ## A peer and this collection on the same work: build/bench.json (KEEP=1 leaves the lab up)
	@$(PYTHON) tests/tools/bootstrap.py bench
	@$(ENV) python tests/bench/run.py $(ARGS)

.PHONY: lab-images
lab-images: tools ## Build what the lab starts from, into .cache/lab
	@$(ENV) ansible-playbook -i inventories/lab tests/lab/images.yml

.PHONY: lab-up
lab-up: tools ## Start the lab: real hosts on this machine
	@$(ENV) ansible-playbook -i inventories/lab tests/lab/up.yml $(ARGS)

.PHONY: lab-down
lab-down: tools ## Stop the lab and remove what it left
	@$(ENV) ansible-playbook -i inventories/lab tests/lab/down.yml $(ARGS)

.PHONY: lint
lint: tools ## ruff, mypy, yamllint, ansible-lint, and the lint of the documentation, the changelog and the package
	@$(ENV) python tests/tools/lint.py $(ARGS)

.PHONY: sanity
sanity: tools ## ansible-test's sanity tests
	@$(ENV) python tests/tools/sanity.py $(ARGS)

.PHONY: versions
versions: tools ## Sanity and unit tests with each ansible-core and Python of tests/versions.txt that the machine has
	@$(ENV) python tests/tools/versions.py $(ARGS)

.PHONY: galaxy
galaxy: tools ## Let Galaxy's importer look at the tarball (part of test-full)
	@$(ENV) python tests/tools/galaxy.py

.PHONY: publish
publish: tools ## Publish on Galaxy what its importer has looked at: TAG=vX.Y.Z is the version, GALAXY_TOKEN is in the environment
	@$(ENV) python tests/tools/publish.py

.PHONY: docs
docs: tools ## The reference as HTML: build/docs/html/index.html
	@mkdir -p build/docs/rst && chmod 700 build/docs/rst && cp -r docs/images build/docs/
	@$(ENV) antsibull-docs --config-file tests/tools/antsibull.cfg collection --use-current --squash-hierarchy \
	  --cleanup everything --fail-on-error --dest-dir build/docs/rst evergreen.virt
	@$(ENV) sphinx-build -q -b html -c docs build/docs/rst build/docs/html $(ARGS)
	@echo "written: build/docs/html/index.html"

.PHONY: clean
clean: ## Remove what the lint, the tests and the documentation left; the toolchain and the lab stay
	@rm -rf build/docs build/package $(addprefix .cache/,ansible-test/ansible_collections pycache mypy ruff pytest)
