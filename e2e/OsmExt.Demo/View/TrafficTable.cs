using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.View;

/// <summary>Who reaches whom, with which status, who answered, and as whom both ends are known.</summary>
internal static class TrafficTable
{
    private const int BarWidth = 20;

    public static IEnumerable<IReadOnlyList<Span>> Lines(IReadOnlyList<Exchange> exchanges)
    {
        var previous = "";
        var rows = new List<IReadOnlyList<IReadOnlyList<Span>>>();
        foreach (var group in exchanges.GroupBy(exchange => (exchange.From, exchange.To, exchange.What)).OrderBy(group => group.Key))
        {
            var (from, to, what) = group.Key;
            var pair = $"{from} {to}";
            rows.Add([[new(pair == previous ? "" : from, Paint.Strong)], [pair == previous ? "" : to], [what], Statuses(group), Answers(group)]);
            previous = pair;
        }

        return Table.Lines(["FROM", "TO", "REQUEST", "STATUS", "ANSWERED BY"], rows);
    }

    /// <summary>The SPIFFE ids seen at both ends.</summary>
    public static IEnumerable<IReadOnlyList<Span>> Identities(IReadOnlyList<Exchange> exchanges) => Table.Lines(
        ["CLIENT, AS THE SERVER'S ENVOY VERIFIED IT", "SERVER"],
        [.. exchanges.Where(exchange => exchange.Self.Length > 0).Select(exchange => (exchange.Self, exchange.Peer)).Distinct().Order()
            .Select(pair => (IReadOnlyList<IReadOnlyList<Span>>)[[pair.Self], [pair.Peer]])]);

    private static List<Span> Statuses(IEnumerable<Exchange> exchanges)
    {
        var spans = new List<Span>();
        foreach (var status in exchanges.GroupBy(exchange => exchange.Status).OrderByDescending(group => group.Count()))
        {
            var (name, paint) = status.Key switch
            {
                200 => ("200", Paint.Good),
                403 => ("403 forbidden", Paint.Warn),
                0 => ("no connection", Paint.Bad),
                var other => ($"{other}", Paint.Bad),
            };
            spans.AddRange([spans.Count > 0 ? "  " : "", new(name, paint), new($" ×{status.Count()}", Paint.Faint)]);
        }

        return spans;
    }

    private static List<Span> Answers(IEnumerable<Exchange> exchanges)
    {
        var answers = exchanges.Where(exchange => exchange.Answered.Length > 0).GroupBy(exchange => exchange.Answered).OrderBy(group => group.Key).ToArray();
        double all = answers.Sum(group => group.Count());
        var spans = new List<Span>();
        foreach (var (group, index) in answers.Select((group, index) => (group, index)))
        {
            var paint = group.Key.EndsWith("-v2", StringComparison.Ordinal) ? Paint.Two : Paint.One;
            spans.AddRange([index > 0 ? "  " : "", new(group.Key, paint), $" {100 * group.Count() / all,3:f0} %"]);
        }

        if (answers.Length == 2)
        {
            var first = (int)Math.Round(BarWidth * answers[0].Count() / all);
            spans.AddRange(["  ", new(new('█', first), Paint.One), new(new('░', BarWidth - first), Paint.Two)]);
        }

        return spans;
    }
}
