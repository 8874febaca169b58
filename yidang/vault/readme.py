"""The plain-language readme that every site carries, for somebody who has the disk and not the program."""

_ZH = """# 这是一个医院数字档案库房

这个文件夹里是一家医院的档案。没有原来的程序，也能读出每一份档案。

- 存放方法：OCFL 1.1（Oxford Common File Layout，https://ocfl.io/1.1/spec/）。任何 OCFL 工具都能读取和校验。
- 一份档案是一个文件夹，名字形如 `urn%3auuid%3a……`，位于两层两个字符的目录之下（由标识符的 SHA-256 得出，见 `ocfl_layout.json`）。
- 档案文件夹里，`inventory.json` 是清单：列出每个版本、每个文件及其 SHA-512。`head` 是最新版本；
  `versions` → `state` 说明该版本有哪些文件；`manifest` 说明它们的字节放在哪里。
- 文件：`record.json` 是完整著录（题名、档号、日期、责任者、保管期限、原文件名等，结构见
  `extensions/yidang-record-schema/record.schema.json`）；`metadata.xml` 是按档案行业标准写的元数据；
  `documents/0001.pdf`、`0002.…` 是档案原文，按顺序编号。
- 校验：对文件计算 SHA-512（例如 `sha512sum 文件名`），与清单中的值比较；`inventory.json.sha512` 是清单自身的摘要。
- `extensions/yidang-staging` 是写入时的临时区，`extensions/yidang-set-aside` 是巡检时移出的不明文件，都不是档案。

请不要在这里手工修改、移动或删除任何文件。
"""

_EN = """# This is a hospital's digital archive vault

The records of a hospital are in this folder. They can be read without the program that wrote them.

- Arrangement: OCFL 1.1 (Oxford Common File Layout, https://ocfl.io/1.1/spec/). Any OCFL tool reads and checks it.
- One record is one folder named like `urn%3auuid%3a…`, below two levels of two characters (from the SHA-256 of its
  identifier, see `ocfl_layout.json`).
- In a record's folder `inventory.json` is the list: every version, every file and its SHA-512. `head` is the newest
  version; `versions` → `state` says which files it has; `manifest` says where their bytes are.
- Files: `record.json` is the whole description (title, archival code, dates, creator, retention, original file names;
  its form is in `extensions/yidang-record-schema/record.schema.json`); `metadata.xml` is the description in the form
  of the Chinese archival standards; `documents/0001.pdf`, `0002.…` are the documents themselves, in order.
- Checking: compute a file's SHA-512 (for example `sha512sum FILE`) and compare it with the list;
  `inventory.json.sha512` is the digest of the list itself.
- `extensions/yidang-staging` is a room for unfinished writing, `extensions/yidang-set-aside` holds unknown files that
  a check moved out of the way; neither holds records.

Please do not change, move or delete anything here by hand.
"""

FILES = {"README.zh.md": _ZH, "README.en.md": _EN}
