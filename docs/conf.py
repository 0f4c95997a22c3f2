# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx's settings for the reference that antsibull-docs writes (`make docs`)."""

project = "evergreen.virt"
author = "The evergreen.virt maintainers"
html_title = "evergreen.virt"
html_short_title = "evergreen.virt"
extensions = ["sphinx_antsibull_ext"]
html_theme = "alabaster"
html_theme_options = {"body_max_width": "auto", "page_width": "1200px"}
html_copy_source = False
html_use_index = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
# References into Ansible's own documentation are not resolved: that would need its index from the network.
suppress_warnings = ["ref.any", "ref.ref", "toc.no_title"]
