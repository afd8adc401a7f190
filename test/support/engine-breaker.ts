/** A small Parquet file with a few bytes changed, over whose footer DuckDB 1.5 breaks: it answers nothing any more. */
import { gunzipSync } from "node:zlib";

const PACKED =
  "H4sIAAAAAAACA42VTWwTRxiGZ9a7693gdWziWdawDk6IjZM4wY5/Yqe+UEVRCzlEPVGEikjWhQgnSHEIOVdqe+mx5dQbP2pRT21O7aU/Fw4Vgo" +
  "gTF2gPXKkq1EOFSt9vPycKVWi7yvO8s+PZndlvZ5WFk++UlVBfmeqeXlQBmqYyhbge8TQhRCCFI5O2dKUUEWnE0KVzGBwmR5TD4rA5+jgOcMQ4" +
  "HI44Rz9HgiPJcZBjgCPFoThcjkMcHkea4zDHEQ5fGglEBqsRg3ZUF0cdS2TBEBgGx8AIyIE8OA4KYBSMgXFQBBNgEpxwrFZJ8FHuJcq1ZajvI3" +
  "sq90hLceWkqW+WDFOUwRSogCqogTqYBg3D9JsRDN8sl+yoKIMpUAFVUAN1MA0aeIZmRM5hwC76VMX2aeTerobt88CK/Z9YlXBk1d4XvVq3y43p" +
  "cH3VBkdTiT2HfCBeOeSTXl2eR9Ud7Ke7cqcsf0ZSQ/jh5J2M1PvEnERT5sR370kxVxJrOJXOoNBQ5gjQgQFMEAUWsB0r+aU44CREDGcOiIN+kA" +
  "BJcBAMgBRQwAWHgAfS4DA4AnyQAYOgtymG1rDBh3njHOMY4chx5DmOcxQ4RjnGOMalMY8o8tkExyTHCWm8hdhn+/wcUx/s/fBumwnePsYqitI/" +
  "kxFicAYbeYLUIp0mnSUtkzZJH5Ouk26Rtkg/kbZJv5B+I72sJ/ABx6mZIRVJb5BOkd4lXSJdI31E+ox0k/QN6UfSA9IT0jPSX3RXzaGmTxonzZ" +
  "DeJp0hXSRtkD4kfUq6Qfqa9APpPumx0tKf1PDOgqtLl4PF892BXq1SuzXjwyUtXWqvXFB43XpO8+SF3IhQMWp1c0LUkB2loag13dM7y911pfHA" +
  "aLvTXmmvrmM4DQr74yqr0F7J9eGSseI5Ms0SpP30fF74Sk8rkcYcSnMDd9t0n+t5q+VZO6/Ss8Tuwgr79CaTtItwnxjfpxve55HhPo3kX+gtT9" +
  "tsghIu7rV2LwgnbshO+Ag7S8fVd6X7ueVu6/lfX7OO4F/W8drlxWm2glyXK+ECf4+5X+j5LaflJV790rXH/+wJn/x/jAqncr8dcoO85T5MikJh" +
  "Fq969s3sRnutu3xlNbtRnqxN1rOFxavLnSBbqjeXlprvNxdro+l5Hzts50/8gQ9kAf++/gb0VzR9wwYAAA==";

export const ENGINE_BREAKER: Buffer = gunzipSync(Buffer.from(PACKED, "base64"));
