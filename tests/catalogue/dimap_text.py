"""A small DIMAP product written for tests, to be spoilt one piece at a time."""

CORNERS = ((3.0, 44.0), (3.2, 44.0), (3.2, 43.8), (3.0, 43.8))


def dimap(
    *,
    name: str = "DS_PHR1A_202406011030000_FR1_PX_E003N43_0101_00001",
    profile: str = "PHR_ORTHO",
    part: str = "PRODUCT",
    corners: tuple[tuple[object, object], ...] = CORNERS,
    day: str = "2024-06-01",
    time: str = "10:30:00.5Z",
    mission: str = "PHR",
    index: str = "1A",
    cloud: object = 2.5,
    mode: str = "PMS",
    job: str = "1234567890-1",
    head: str = "",
    body: str = "",
) -> bytes:
    vertices = "".join(
        f"<Vertex><LON>{longitude}</LON><LAT>{latitude}</LAT></Vertex>"
        for longitude, latitude in corners
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<Dimap_Document>
  <Metadata_Identification><METADATA_FORMAT version="2.15">DIMAP</METADATA_FORMAT>
    <METADATA_PROFILE>{profile}</METADATA_PROFILE>
    <METADATA_SUBPROFILE>{part}</METADATA_SUBPROFILE></Metadata_Identification>
  <Dataset_Identification><DATASET_NAME>{name}</DATASET_NAME></Dataset_Identification>
  <Dataset_Content><CLOUD_COVERAGE unit="percent">{cloud}</CLOUD_COVERAGE>
    <Dataset_Extent>{vertices}</Dataset_Extent></Dataset_Content>
  <Product_Information><Delivery_Identification><JOB_ID>{job}</JOB_ID></Delivery_Identification>
  </Product_Information>
  <Processing_Information><Product_Settings><PROCESSING_LEVEL>ORTHO</PROCESSING_LEVEL>
    <SPECTRAL_PROCESSING>{mode}</SPECTRAL_PROCESSING></Product_Settings></Processing_Information>
  <Dataset_Sources><Source_Identification><Strip_Source>
    <MISSION>{mission}</MISSION><MISSION_INDEX>{index}</MISSION_INDEX>
    <IMAGING_DATE>{day}</IMAGING_DATE><IMAGING_TIME>{time}</IMAGING_TIME>
  </Strip_Source></Source_Identification></Dataset_Sources>{body}
</Dimap_Document>""".encode()
