# shellcheck shell=bash
# Sourced by every recipe of the Makefile, and by hand: `. tests/tools/env.sh`.
# Sends everything that Ansible, pip, ssh and Python keep on the controller below .cache/ of this checkout.
EVERGREEN_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export EVERGREEN_ROOT
case ":$PATH:" in
  *":$EVERGREEN_ROOT/.cache/venv/bin:"*) ;;
  *) export PATH="$EVERGREEN_ROOT/.cache/venv/bin:$PATH" ;;
esac
export LC_ALL=C.UTF-8
export PYTHONPYCACHEPREFIX="$EVERGREEN_ROOT/.cache/pycache"
export XDG_CACHE_HOME="$EVERGREEN_ROOT/.cache/xdg"
export ANSIBLE_HOME="$EVERGREEN_ROOT/.cache/ansible"
export ANSIBLE_LOCAL_TEMP="$EVERGREEN_ROOT/.cache/ansible/tmp"
export ANSIBLE_COLLECTIONS_PATH="$EVERGREEN_ROOT/.cache/collections"
export ANSIBLE_SSH_CONTROL_PATH_DIR="$EVERGREEN_ROOT/.cache/cp"
export HYPOTHESIS_STORAGE_DIRECTORY="$EVERGREEN_ROOT/.cache/hypothesis"
export ANSIBLE_REMOTE_TMP="$EVERGREEN_ROOT/.cache/ansible/tmp"
