/**
 * Names that well-known programs give to files and folders which are still being written; `source.ignore` when nothing else is said. Names
 * that begin with `.` or `_` (rsync, Syncthing, Spark's `_temporary`) are passed by for that reason alone, unless `ignoreHidden` is false.
 */
export const UNFINISHED_NAMES: readonly string[] = [
  // Flume's HDFS sink, and what most home-made writers use before they rename.
  "*.tmp",
  "*.temp",
  // Transmission, Firefox, KDE.
  "*.part",
  // rclone.
  "*.partial",
  // WinSCP.
  "*.filepart",
  // Chrome.
  "*.crdownload",
  // `hdfs dfs -put`; Spark passes these by too.
  "*._COPYING_",
  // gsutil.
  "*_.gstmp",
  // Flink, with a prefix of one's own.
  "*.inprogress.*",
  // Editors' copies.
  "*~",
  // Kafka Connect's HDFS sink writes below this folder.
  "+tmp",
  // Spark's and Hadoop's, hidden names apart.
  "_temporary",
];
