"""What a person sees and clicks in QGIS: form, menus, tasks, options. Never imported by ``qgis_process``."""
