# Retired: every target is a command of `cargo xtask` now, of the same name. The list: scripts/RETIRED.md.
.DEFAULT_GOAL := help

# Always run, also when a file or folder has the target's name.
%: FORCE
	@$(if $(filter $@,$(or $(firstword $(MAKECMDGOALS)),help)),echo "make is deprecated here; use: cargo xtask $(or $(MAKECMDGOALS),help)" >&2)
	@cargo xtask $@ $(if $(filter sops-encrypt sops-decrypt,$@),$${FILE:+--file "$$FILE"}) $(if $(filter perf-smoke perf-load perf-stress,$@),$${SERVICE:+--service "$$SERVICE"})

# Neither is for the rule above.
FORCE Makefile: ;
