namespace OsmExt.Sdk.Resources;

/// <summary>Where proxies send spans, in Zipkin's format over HTTP.</summary>
/// <param name="Address">Host name or address; empty where the object names none.</param>
/// <param name="Port">Port.</param>
/// <param name="Path">Path of the collector's URL.</param>
public sealed record TracingCollector(string Address, int Port, string Path);
