"""Small Sentinel-2 products as the ground segment packs them ("SAFE compact"), for the tests of both sides.

The names, folders and metadata are those of real products as far as anything reads them; GDAL's own SENTINEL2 driver
opens them (tested). Only the size is not: 120 x 120 pixels of 10 m. Pixels are lossless, and each band has its own.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

BANDS = {
    "B01": 60, "B02": 10, "B03": 10, "B04": 10, "B05": 20, "B06": 20, "B07": 20, "B08": 10, "B8A": 20, "B09": 60,
    "B10": 60, "B11": 20, "B12": 20,
}  # fmt: skip
SIDE = 120
LEFT, TOP = 600000.0, 4300020.0
_LAND = {"B02": 600, "B03": 900, "B04": 1000, "B8A": 2600, "B11": 2200, "B12": 1500}
_WATER = {"B02": 500, "B03": 600, "B04": 400, "B8A": 150, "B11": 80, "B12": 50}
_TL = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{level}_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-{level}_Tile_Metadata.xsd">
  <n1:General_Info>
    <TILE_ID metadataLevel="Brief">S2A_OPER_MSI_L{level}_TL_VGS2_20210918T130000_A032581_T30SXH_N{base}</TILE_ID>
    <SENSING_TIME metadataLevel="Standard">2021-09-18T10:56:31.024Z</SENSING_TIME>
  </n1:General_Info>
  <n1:Geometric_Info>
    <Tile_Geocoding metadataLevel="Brief">
      <HORIZONTAL_CS_NAME>WGS84 / UTM zone 30N</HORIZONTAL_CS_NAME>
      <HORIZONTAL_CS_CODE>EPSG:32630</HORIZONTAL_CS_CODE>
{sizes}
    </Tile_Geocoding>
  </n1:Geometric_Info>
</n1:Level-{level}_Tile_ID>
"""
_MTD = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{level}_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-{level}.xsd">
  <n1:General_Info>
    <Product_Info>
      <PRODUCT_START_TIME>2021-09-18T10:56:31.024Z</PRODUCT_START_TIME>
      <PRODUCT_STOP_TIME>2021-09-18T10:56:31.024Z</PRODUCT_STOP_TIME>
      <PRODUCT_URI>{name}.SAFE</PRODUCT_URI>
      <PROCESSING_LEVEL>Level-{level}</PROCESSING_LEVEL>
      <PRODUCT_TYPE>S2MSI{level}</PRODUCT_TYPE>
      <PROCESSING_BASELINE>{base}</PROCESSING_BASELINE>
      <GENERATION_TIME>2021-09-18T13:00:00.000000Z</GENERATION_TIME>
      <Query_Options completeSingleTile="true">
        <PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>
      </Query_Options>
      <Product_Organisation>
        <Granule_List>
          <Granule datastripIdentifier="S2A_OPER_MSI_L{level}_DS_VGS2" granuleIdentifier="S2A_OPER_MSI_L{level}_TL_VGS2"
            imageFormat="JPEG2000">
{images}
          </Granule>
        </Granule_List>
      </Product_Organisation>
    </Product_Info>
    <Product_Image_Characteristics>
      <Special_Values>
        <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>
        <SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>
      </Special_Values>
{scaling}
    </Product_Image_Characteristics>
  </n1:General_Info>
  <n1:Quality_Indicators_Info><Cloud_Coverage_Assessment>1.5</Cloud_Coverage_Assessment></n1:Quality_Indicators_Info>
</n1:Level-{level}_User_Product>
"""


def pixels(band: str, offset: int = 0) -> np.ndarray:
    """(h, w) uint16 in the band's own resolution: land, a lake, a corner of nodata, and noise of its own.

    Args:
        offset: added to what is no nodata, as baseline 04.00 does.
    """
    number = list(BANDS).index(band)
    side = SIDE * 10 // BANDS[band]
    values = np.full((side, side), float(_LAND.get(band, 1200)))
    values[side // 3 : side * 2 // 3, side // 4 : side // 2] = _WATER.get(band, 300)
    values *= np.random.default_rng(number).normal(1, 0.05, values.shape)
    values = values.clip(1, 20000).astype(np.uint16) + np.uint16(offset)
    values[: side // 6, : side // 6] = 0
    return values


def stacked(bands: tuple[str, ...], offset: int = 0) -> np.ndarray:
    """(bands, SIDE, SIDE): what the scene must hold, coarse pixels repeated."""
    return np.stack([np.kron(v, np.ones((SIDE // len(v),) * 2, np.uint16)) for v in (pixels(b, offset) for b in bands)])


def write_product(folder: Path, level: str = "L1C", baseline: str = "02.09", packed: bool = False) -> Path:
    """Write a product; returns its ``.SAFE`` folder or its ``.zip``."""
    late = float(baseline) >= 4
    name = f"S2A_MSI{level}_20210918T105631_N{baseline.replace('.', '')}_R094_T30SXH_20210918T130000"
    root = folder / f"{name}.SAFE"
    granule = f"GRANULE/{level}_T30SXH_A032581_20210918T105631"
    images = []
    for band, metres in BANDS.items():
        if level == "L2A" and band == "B10":
            continue
        inside = f"{granule}/IMG_DATA/" + (f"R{metres}m/" if level == "L2A" else "")
        image = f"{inside}T30SXH_20210918T105631_{band}" + (f"_{metres}m" if level == "L2A" else "")
        path = root / f"{image}.jp2"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_jp2(path, pixels(band, 1000 if late else 0), metres)
        images.append(f"            <IMAGE_FILE>{image}</IMAGE_FILE>")
    kind = "BOA" if level == "L2A" else "RADIO"
    scaling = f'<{"BOA_" if level == "L2A" else ""}QUANTIFICATION_VALUE unit="none">10000</' + (
        "BOA_QUANTIFICATION_VALUE>" if level == "L2A" else "QUANTIFICATION_VALUE>"
    )
    if level == "L2A":
        aot = '<AOT_QUANTIFICATION_VALUE unit="none">1000.0</AOT_QUANTIFICATION_VALUE>'
        scaling = f"<QUANTIFICATION_VALUES_LIST>{scaling}{aot}</QUANTIFICATION_VALUES_LIST>"
    if late:
        offsets = "".join(f'<{kind}_ADD_OFFSET band_id="{n}">-1000</{kind}_ADD_OFFSET>' for n in range(13))
        list_name = "BOA_ADD_OFFSET_VALUES_LIST" if level == "L2A" else "Radiometric_Offset_List"
        scaling += f"<{list_name}>{offsets}</{list_name}>"
    sizes = "".join(
        f'<Size resolution="{m}">\n<NROWS>{SIDE * 10 // m}</NROWS>\n<NCOLS>{SIDE * 10 // m}</NCOLS>\n</Size>\n'
        for m in (10, 20, 60)
    ) + "".join(
        f'<Geoposition resolution="{m}">\n<ULX>{LEFT:.0f}</ULX>\n<ULY>{TOP:.0f}</ULY>\n'
        f"<XDIM>{m}</XDIM>\n<YDIM>-{m}</YDIM>\n</Geoposition>\n"
        for m in (10, 20, 60)
    )
    facts = {"level": level[1:], "base": baseline, "name": name, "scaling": scaling, "sizes": sizes}
    (root / f"MTD_MSI{level}.xml").write_text(_MTD.format(images="\n".join(images), **facts))
    (root / granule / "MTD_TL.xml").write_text(_TL.format(**facts))
    (root / "manifest.safe").write_text('<?xml version="1.0" encoding="UTF-8"?>\n<xfdu:XFDU xmlns:xfdu="urn:ccsds"/>\n')
    return pack(root) if packed else root


def pack(root: Path) -> Path:
    """The product's zip beside it, with the ``.SAFE`` folder inside, as it is downloaded."""
    archive = root.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(root.rglob("*")):
            out.write(path, path.relative_to(root.parent))
    return archive


def image(root: Path, band: str) -> Path:
    """The file of a band in its own resolution."""
    native = [*root.rglob(f"*_{band}.jp2"), *root.rglob(f"*_{band}_{BANDS[band]}m.jp2")]
    return native[0]


def _write_jp2(path: Path, values: np.ndarray, metres: int) -> None:
    """With the GDAL of whichever Python this is: the engine has rasterio, QGIS has osgeo."""
    side = len(values)
    try:
        import rasterio
    except ImportError:
        from osgeo import gdal, osr

        memory = gdal.GetDriverByName("MEM").Create("", side, side, 1, gdal.GDT_UInt16)
        memory.SetGeoTransform((LEFT, metres, 0, TOP, 0, -metres))
        utm = osr.SpatialReference()
        utm.ImportFromEPSG(32630)
        memory.SetProjection(utm.ExportToWkt())
        memory.GetRasterBand(1).WriteArray(values)
        options = ["QUALITY=100", "REVERSIBLE=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]
        gdal.GetDriverByName("JP2OpenJPEG").CreateCopy(str(path), memory, options=options)
        return
    with rasterio.open(
        path, "w", driver="JP2OpenJPEG", width=side, height=side, count=1, dtype="uint16", crs="EPSG:32630",
        transform=rasterio.Affine(metres, 0, LEFT, 0, -metres, TOP), quality=100, reversible="YES", blockxsize=64, blockysize=64,
    ) as out:  # fmt: skip
        out.write(values, 1)


def assert_product_mask(done) -> None:
    """Check a finished ``prithvi:segment`` of a product of baseline 05.09: grid, nodata, lake and sensor."""
    from osgeo import gdal  # the engine's Python, which uses this module too, has none

    assert done.code == 0, done.stderr
    mask = gdal.Open(done.results["OUTPUT"])
    assert mask.GetGeoTransform() == (LEFT, 10, 0, TOP, 0, -10)
    assert np.array_equal(mask.ReadAsArray() == 255, stacked(("B02",))[0] == 0)
    assert 1000 < done.results["CLASS_PIXELS"]["Water"] < 1400  # a lake of 40 x 30 pixels
    assert "processing baseline 05.09" in mask.GetMetadataItem("PRITHVI_SENSOR")
