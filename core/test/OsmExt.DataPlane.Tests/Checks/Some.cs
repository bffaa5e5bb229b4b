using OsmExt.DataPlane.Checks;
using OsmExt.DataPlane.Observation.Formats;
using OsmExt.DataPlane.Observation.Logs;
using OsmExt.DataPlane.Observation.Statistics;
using Prometheus;

namespace OsmExt.DataPlane.Tests.Checks;

/// <summary>Parts as tests need them.</summary>
internal static class Some
{
    public static FormatContext Context(TimeProvider? time = null)
        => new(new Dictionary<string, string>(StringComparer.Ordinal) { ["POD_NAME"] = "web-1" }, "host-1", new(), time ?? TimeProvider.System);

    public static AccessLoggers Loggers(TextWriter? output = null, CollectorRegistry? registry = null, double draw = 0) => new(
        Context(), new LogPlaces(output ?? TextWriter.Null, TextWriter.Null), new LoggedStatistics(Metrics.WithCustomRegistry(registry ?? Metrics.NewCustomRegistry())), () => draw);

    public static ResourceCheck Check(int maxRegexProgram) => new(maxRegexProgram, Loggers());
}
