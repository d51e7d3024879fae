"""GDAL options and environment variables by which servers are reached: credentials, headers, proxies, certificates.

They belong to whoever starts a run. The engine may have been started earlier, by another program with others, so a run
brings its own. Many are secrets: they travel in one message and in the environment of a child process alone, and are
never logged, recorded or part of a request.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Optional

# GDAL's documentation of its network file systems and of its drivers that speak HTTP; the last line is libcurl's.
NAMES = tuple(
    re.findall(
        r"\w+",
        """
AWS_ACCESS_KEY_ID AWS_CONFIG_FILE AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_DEFAULT_PROFILE AWS_DEFAULT_REGION
AWS_HTTPS AWS_MAX_KEYS AWS_NO_SIGN_REQUEST AWS_PROFILE AWS_REGION AWS_REQUEST_PAYER AWS_ROLE_ARN AWS_ROLE_SESSION_NAME
AWS_S3_ENDPOINT AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SHARED_CREDENTIALS_FILE AWS_STS_ENDPOINT AWS_STS_REGION
AWS_STS_REGIONAL_ENDPOINTS AWS_VIRTUAL_HOSTING AWS_WEB_IDENTITY_TOKEN_FILE
AZURE_AUTHORITY_HOST AZURE_CLIENT_ID AZURE_CONFIG_DIR AZURE_FEDERATED_TOKEN_FILE AZURE_IMDS_CLIENT_ID
AZURE_IMDS_MSI_RES_ID AZURE_IMDS_OBJECT_ID AZURE_NO_SIGN_REQUEST AZURE_SAS AZURE_STORAGE_ACCESS_KEY
AZURE_STORAGE_ACCESS_TOKEN AZURE_STORAGE_ACCOUNT AZURE_STORAGE_CONNECTION_STRING AZURE_STORAGE_SAS_TOKEN
AZURE_TENANT_ID
GOOGLE_APPLICATION_CREDENTIALS
GS_ACCESS_KEY_ID GS_NO_SIGN_REQUEST GS_OAUTH2_CLIENT_EMAIL GS_OAUTH2_CLIENT_ID GS_OAUTH2_CLIENT_SECRET
GS_OAUTH2_PRIVATE_KEY GS_OAUTH2_PRIVATE_KEY_FILE GS_OAUTH2_REFRESH_TOKEN GS_OAUTH2_SCOPE GS_SECRET_ACCESS_KEY
GS_USER_PROJECT
OSS_ACCESS_KEY_ID OSS_ENDPOINT OSS_HTTPS OSS_SECRET_ACCESS_KEY OSS_VIRTUAL_HOSTING
OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_SECRET OS_AUTH_TYPE OS_AUTH_URL OS_IDENTITY_API_VERSION
OS_PASSWORD OS_PROJECT_DOMAIN_NAME OS_PROJECT_NAME OS_REGION_NAME OS_USERNAME OS_USER_DOMAIN_NAME SWIFT_AUTH_TOKEN
SWIFT_AUTH_V1_URL SWIFT_KEY SWIFT_STORAGE_URL SWIFT_USER
WEBHDFS_DATANODE_HOST WEBHDFS_DELEGATION WEBHDFS_USERNAME
CPL_AWS_AUTODETECT_EC2 CPL_AWS_CREDENTIALS_FILE CPL_AWS_EC2_API_ROOT_URL CPL_AWS_STS_ROOT_URL
CPL_AWS_WEB_IDENTITY_ENABLE CPL_AZURE_ENDPOINT CPL_AZURE_USE_HTTPS CPL_AZURE_VM_API_ROOT_URL CPL_CURL_GZIP
CPL_GS_CREDENTIALS_FILE CPL_GS_ENDPOINT CPL_MACHINE_IS_GCE CPL_VSIL_CURL_ALLOWED_EXTENSIONS
CPL_VSIL_CURL_ALLOWED_FILENAME CPL_VSIL_CURL_AUTHORIZATION_HEADER_ALLOWED_IF_REDIRECT CPL_VSIL_CURL_CHUNK_SIZE
CPL_VSIL_CURL_IGNORE_STORAGE_CLASSES CPL_VSIL_CURL_IGNORE_GLACIER_STORAGE CPL_VSIL_CURL_NON_CACHED
CPL_VSIL_CURL_SLOW_GET_SIZE CPL_VSIL_CURL_USE_HEAD CPL_VSIL_CURL_USE_S3_REDIRECT VSICURL_PC_COLLECTION
VSICURL_PC_URL_SIGNING VSIS3_CHUNK_SIZE VSI_CACHE VSI_CACHE_SIZE
GDAL_CURL_CA_BUNDLE GDAL_DISABLE_READDIR_ON_OPEN GDAL_HTTPS_PROXY GDAL_HTTP_AUTH GDAL_HTTP_BEARER GDAL_HTTP_CAINFO
GDAL_HTTP_CAPATH GDAL_HTTP_CONNECTTIMEOUT GDAL_HTTP_COOKIE GDAL_HTTP_COOKIEFILE GDAL_HTTP_COOKIEJAR GDAL_HTTP_HEADERS
GDAL_HTTP_HEADER_FILE GDAL_HTTP_KEYPASSWD GDAL_HTTP_LOW_SPEED_LIMIT GDAL_HTTP_LOW_SPEED_TIME GDAL_HTTP_MAX_RETRY
GDAL_HTTP_MERGE_CONSECUTIVE_RANGES GDAL_HTTP_MULTIPLEX GDAL_HTTP_MULTIRANGE GDAL_HTTP_NETRC GDAL_HTTP_NETRC_FILE
GDAL_HTTP_PROXY GDAL_HTTP_PROXYUSERPWD GDAL_HTTP_RETRY_CODES GDAL_HTTP_RETRY_DELAY GDAL_HTTP_SSLCERT
GDAL_HTTP_SSLCERTTYPE GDAL_HTTP_SSLKEY GDAL_HTTP_SSL_VERIFYSTATUS GDAL_HTTP_TIMEOUT GDAL_HTTP_UNSAFESSL
GDAL_HTTP_USERAGENT GDAL_HTTP_USERPWD GDAL_HTTP_VERSION GDAL_INGESTED_BYTES_AT_OPEN GDAL_PROXY_AUTH
EEDA_BEARER EEDA_BEARER_FILE EEDA_CLIENT_EMAIL EEDA_PRIVATE_KEY EEDA_PRIVATE_KEY_FILE EEDA_URL PL_API_KEY PL_URL
CURL_CA_BUNDLE SSL_CERT_DIR SSL_CERT_FILE
http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
""",
    )
)

_OF_FILE = re.compile(r"_(?:FILE|JAR|COOKIEFILE|COOKIEJAR|BUNDLE|SSLCERT|SSLKEY|CAINFO|CAPATH|DIR|CREDENTIALS)$")


def network_options(lookup: Callable[[str], Optional[str]] = os.environ.get) -> dict[str, str]:
    """Return the options that ``lookup`` has a value for; by default those in this process's environment.

    Relative paths of files become absolute, since the engine works in another folder.
    """
    found = ((name, lookup(name)) for name in NAMES)
    return {
        name: os.path.abspath(value) if _OF_FILE.search(name) and os.path.exists(value) else value
        for name, value in found
        if value is not None
    }


def drop_network_options() -> None:
    """Remove all of them from this process's environment, so that a run has its own alone."""
    for name in NAMES:
        os.environ.pop(name, None)


@contextmanager
def applied(options: Mapping[str, str]) -> Iterator[None]:
    """Apply a run's options to this process while it runs.

    In the environment, where GDAL reads its options at each use, and where libcurl reads proxies, of which GDAL has no
    option to exempt a host. For the whole process, whose threads all work for one run at a time.
    """
    wanted = {name: value for name, value in options.items() if name in NAMES}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
