def test_filing(archive):
    record = archive.file()
    assert record.code, record
    print(record.code, archive.work())
