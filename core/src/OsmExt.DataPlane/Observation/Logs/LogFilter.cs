using Envoy.Config.Accesslog.V3;
using Envoy.Type.V3;
using Filter = Envoy.Config.Accesslog.V3.AccessLogFilter;
using OsmExt.Simulation.Http;

namespace OsmExt.DataPlane.Observation.Logs;

/// <summary>Which requests an access log is for.</summary>
internal static class LogFilter
{
    /// <param name="filter">The filter; null for all.</param>
    /// <param name="draw">A number from 0 up to 1, for samples.</param>
    /// <exception cref="FormatException">It is not carried out.</exception>
    public static Func<StreamRecord, bool> Of(Filter? filter, Func<double> draw)
    {
        switch (filter?.FilterSpecifierCase)
        {
            case null:
                return _ => true;
            case Filter.FilterSpecifierOneofCase.StatusCodeFilter:
                var status = Comparison(filter.StatusCodeFilter.Comparison);
                return stream => status((ulong)(stream.ResponseCode ?? 0));
            case Filter.FilterSpecifierOneofCase.DurationFilter:
                var duration = Comparison(filter.DurationFilter.Comparison);
                return stream => duration((ulong)Math.Max(0, stream.Duration.TotalMilliseconds));
            case Filter.FilterSpecifierOneofCase.ResponseFlagFilter:
                string[] flags = [.. filter.ResponseFlagFilter.Flags];
                return flags.Length == 0 ? stream => stream.ResponseFlags.Count > 0 : stream => stream.ResponseFlags.Exists(flags.Contains);
            case Filter.FilterSpecifierOneofCase.RuntimeFilter:
                var part = Part(filter.RuntimeFilter.PercentSampled);
                return _ => draw() < part;
            case Filter.FilterSpecifierOneofCase.AndFilter:
                var every = filter.AndFilter.Filters.Select(inner => Of(inner, draw)).ToArray();
                return stream => Array.TrueForAll(every, passes => passes(stream));
            case Filter.FilterSpecifierOneofCase.OrFilter:
                var any = filter.OrFilter.Filters.Select(inner => Of(inner, draw)).ToArray();
                return stream => Array.Exists(any, passes => passes(stream));
            default:
                throw new FormatException($"access log filter {filter.FilterSpecifierCase} is not carried out here");
        }
    }

    private static double Part(FractionalPercent? percent) => percent is null ? 0 : RouteChoice.Share(percent);

    // Envoy may be told another value at run time; here the default holds.
    private static Func<ulong, bool> Comparison(ComparisonFilter comparison)
    {
        var value = comparison.Value?.DefaultValue ?? 0u;
        return comparison.Op switch
        {
            ComparisonFilter.Types.Op.Eq => found => found == value,
            ComparisonFilter.Types.Op.Ge => found => found >= value,
            ComparisonFilter.Types.Op.Le => found => found <= value,
            _ => throw new FormatException($"comparison {comparison.Op} is not carried out here"),
        };
    }
}
