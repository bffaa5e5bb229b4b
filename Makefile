.PHONY: build demo test setup apps clean
SHELL := /bin/bash
CONFIGURATION ?= Release
DOTNET := dotnet
APPS := $(notdir $(patsubst %/,%,$(dir $(wildcard e2e/apps/*/*.csproj))))

build: setup
	$(DOTNET) publish core/src/OsmExt.Cli -c $(CONFIGURATION) -o artifacts/osm -v quiet --nologo

apps: setup
	for app in $(APPS); do $(DOTNET) publish e2e/apps/$$app -c $(CONFIGURATION) -o artifacts/apps/$$app -v quiet --nologo || exit 1; done

setup:
	@build/setup

clean:
	rm -rf artifacts
