using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Observation.Formats;
using OsmExt.DataPlane.Observation.Logs;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>
/// The access logger that counts requests (<c>envoy.access_loggers.stats</c>). Its message is newer than the types this build has, so it is read
/// from the structure it comes as; a field that is not known is an error.
/// </summary>
internal static class StatisticsLogger
{
    // Where the scope says nothing Envoy sets no limit; a limit there is all the same, because requests bring the values of tags.
    private const int MostCounters = 10_000;
    private const int MostHistograms = 1_000;

    /// <exception cref="FormatException">It asks for something that is not carried out.</exception>
    public static AccessLogger Of(Struct config, FormatContext context, LoggedStatistics counted)
    {
        Only(config, "", "counters", "histograms", "stats_scope", "stat_prefix");
        var scope = config.Fields.GetValueOrDefault("stats_scope")?.StructValue ?? new();
        Only(scope, "stats_scope.", "prefix", "sharing_name", "max_counters", "max_histograms");
        var prefix = string.Join('_', new[] { Text(scope, "prefix"), Text(config, "stat_prefix") }.Where(part => part.Length > 0));
        var limits = counted.Scope(Text(scope, "sharing_name"), Number(scope, "max_counters") ?? MostCounters, Number(scope, "max_histograms") ?? MostHistograms);
        var counters = Items(config, "counters").Select(item => Counter(item, prefix, context, counted, limits)).ToArray();
        var histograms = Items(config, "histograms").Select(item => Histogram(item, prefix, context, counted, limits)).ToArray();
        return stream =>
        {
            foreach (var count in counters)
            {
                count(stream);
            }

            foreach (var observe in histograms)
            {
                observe(stream);
            }
        };
    }

    private static AccessLogger Counter(Struct item, string prefix, FormatContext context, LoggedStatistics counted, LoggedStatistics.Limits limits)
    {
        Only(item, "counters[].", "stat", "value_fixed", "value_format");
        var (name, tags, values) = Stat(item, prefix);
        var format = Text(item, "value_format") is { Length: > 0 } written ? TextFormat.Parse(written) : null;
        var fixedValue = Number(item, "value_fixed") ?? (format is null ? throw new FormatException($"counter {name} has neither value_fixed nor value_format") : 0);
        return stream =>
        {
            if ((format is null ? fixedValue : Value(format, stream, context)) is { } by and > 0)
            {
                counted.Count(limits, name, tags, Print(values, stream, context), by);
            }
        };
    }

    private static AccessLogger Histogram(Struct item, string prefix, FormatContext context, LoggedStatistics counted, LoggedStatistics.Limits limits)
    {
        Only(item, "histograms[].", "stat", "unit", "value_format");
        var (name, tags, values) = Stat(item, prefix);
        var format = TextFormat.Parse(Text(item, "value_format"));
        return stream =>
        {
            if (Value(format, stream, context) is { } value)
            {
                counted.Observe(limits, name, tags, Print(values, stream, context), value);
            }
        };
    }

    private static (string Name, string[] Tags, TextFormat[] Values) Stat(Struct item, string prefix)
    {
        var stat = item.Fields.GetValueOrDefault("stat")?.StructValue ?? throw new FormatException("a statistic has no stat");
        Only(stat, "stat.", "name", "tags");
        var tags = Items(stat, "tags").ToArray();
        foreach (var tag in tags)
        {
            Only(tag, "stat.tags[].", "name", "value_format");
        }

        return (StatNames.Prometheus(prefix.Length > 0 ? $"{prefix}_{Text(stat, "name")}" : Text(stat, "name")),
            [.. tags.Select(tag => StatNames.Label(Text(tag, "name")))], [.. tags.Select(tag => TextFormat.Parse(Text(tag, "value_format")))]);
    }

    private static string[] Print(TextFormat[] values, StreamRecord stream, FormatContext context)
        => Array.ConvertAll(values, value => value.Print(stream, context));

    private static double? Value(TextFormat format, StreamRecord stream, FormatContext context)
        => double.TryParse(format.Print(stream, context), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value >= 0 ? value : null;

    private static IEnumerable<Struct> Items(Struct holder, string field)
        => holder.Fields.GetValueOrDefault(field)?.ListValue?.Values.Select(value => value.StructValue ?? throw new FormatException($"{field} holds something else than objects")) ?? [];

    private static string Text(Struct holder, string field) => holder.Fields.GetValueOrDefault(field)?.StringValue ?? "";

    // Numbers of 64 bits are written as text.
    private static int? Number(Struct holder, string field) => holder.Fields.GetValueOrDefault(field) switch
    {
        null => null,
        { KindCase: Google.Protobuf.WellKnownTypes.Value.KindOneofCase.NumberValue } number => (int)number.NumberValue,
        { KindCase: Google.Protobuf.WellKnownTypes.Value.KindOneofCase.StringValue } text when int.TryParse(text.StringValue, CultureInfo.InvariantCulture, out var number) => number,
        var other => throw new FormatException($"{field} is no number: {JsonSerializer.Serialize(other.ToString())}"),
    };

    private static void Only(Struct holder, string place, params string[] known)
    {
        if (holder.Fields.Keys.FirstOrDefault(field => !known.Contains(field)) is { } other)
        {
            throw new FormatException($"{place}{other} is not carried out here");
        }
    }
}
