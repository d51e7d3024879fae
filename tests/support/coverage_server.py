"""A web coverage service (WCS 1.0.0) on the loopback that offers one scene, as agencies offer their archives."""

from __future__ import annotations

import contextlib
import http.server
import threading
import urllib.parse
from collections.abc import Iterator

from osgeo import gdal

_GML = 'xmlns="http://www.opengis.net/wcs" xmlns:gml="http://www.opengis.net/gml"'
_LONLAT = (
    '<lonLatEnvelope srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>-4 40</gml:pos><gml:pos>-2 41</gml:pos>'
    "</lonLatEnvelope>"
)


def capabilities(url: str) -> str:
    """What the server has and where to ask for it."""
    ways = "".join(
        f"<{name}><DCPType><HTTP><Get><OnlineResource xlink:href='{url}'/></Get></HTTP></DCPType></{name}>"
        for name in ("GetCapabilities", "DescribeCoverage", "GetCoverage")
    )
    return (
        f'<WCS_Capabilities {_GML} xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0"><Service><name>s</name>'
        f"<label>s</label></Service><Capability><Request>{ways}</Request></Capability><ContentMetadata>"
        f"<CoverageOfferingBrief><name>scene</name><label>scene</label>{_LONLAT}</CoverageOfferingBrief>"
        "</ContentMetadata></WCS_Capabilities>"
    )


def description(dataset: gdal.Dataset) -> str:
    """The coverage's grid."""
    x, step, _, y, _, down = dataset.GetGeoTransform()
    columns, rows = dataset.RasterXSize, dataset.RasterYSize
    return (
        f'<CoverageDescription {_GML} version="1.0.0"><CoverageOffering><name>scene</name><label>scene</label>{_LONLAT}'
        f'<domainSet><spatialDomain><gml:Envelope srsName="EPSG:32630"><gml:pos>{x} {y + rows * down}</gml:pos>'
        f"<gml:pos>{x + columns * step} {y}</gml:pos></gml:Envelope><gml:RectifiedGrid dimension='2'><gml:limits>"
        f"<gml:GridEnvelope><gml:low>0 0</gml:low><gml:high>{columns - 1} {rows - 1}</gml:high></gml:GridEnvelope>"
        f"</gml:limits><gml:axisName>x</gml:axisName><gml:axisName>y</gml:axisName><gml:origin><gml:pos>{x} {y}</gml:pos>"
        f"</gml:origin><gml:offsetVector>{step} 0</gml:offsetVector><gml:offsetVector>0 {down}</gml:offsetVector>"
        "</gml:RectifiedGrid></spatialDomain></domainSet><rangeSet><RangeSet><name>bands</name><label>bands</label>"
        "</RangeSet></rangeSet><supportedCRSs><requestResponseCRSs>EPSG:32630</requestResponseCRSs>"
        "<nativeCRSs>EPSG:32630</nativeCRSs></supportedCRSs><supportedFormats><formats>GTiff</formats>"
        "</supportedFormats></CoverageOffering></CoverageDescription>"
    )


def coverage(dataset: gdal.Dataset, asked: dict[str, str]) -> bytes:
    """The part of the scene that is asked for, as GeoTIFF."""
    left, bottom, right, top = (float(v) for v in asked["BBOX"].split(","))
    name = f"/vsimem/coverage-{threading.get_ident()}.tif"
    size = {"width": int(asked["WIDTH"]), "height": int(asked["HEIGHT"])}
    gdal.Translate(name, dataset, projWin=[left, top, right, bottom], **size).FlushCache()
    file = gdal.VSIFOpenL(name, "rb")
    try:
        return bytes(gdal.VSIFReadL(1, gdal.VSIStatL(name).size, file))
    finally:
        gdal.VSIFCloseL(file)
        gdal.Unlink(name)


@contextlib.contextmanager
def coverage_of(scene: str) -> Iterator[str]:
    """Serve a scene; gives the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            query = urllib.parse.urlsplit(self.path).query
            asked = {k.upper(): v for k, v in urllib.parse.parse_qsl(query)}
            dataset = gdal.Open(scene)
            url = f"http://127.0.0.1:{self.server.server_port}/?"
            answers = {
                "GetCapabilities": lambda: ("text/xml", capabilities(url).encode()),
                "DescribeCoverage": lambda: ("text/xml", description(dataset).encode()),
                "GetCoverage": lambda: ("image/tiff", coverage(dataset, asked)),
            }
            kind, body = answers[asked["REQUEST"]]()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/?"
    finally:
        server.shutdown()
        server.server_close()
