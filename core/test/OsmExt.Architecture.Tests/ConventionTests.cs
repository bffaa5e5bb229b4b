using System.Text.RegularExpressions;

namespace OsmExt.Architecture.Tests;

public partial class ConventionTests
{
    private const int MaxLines = 400;
    private const int MaxTestLines = 600;
    private const int MedianLines = 75;

    private static readonly string[] BannedSuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Processor", "Info", "Data"];

    public static IEnumerable<string> Sources => Repository.Files("*.cs");

    [Fact]
    public void No_file_is_too_long()
        => Assert.Empty(Sources
            .Select(path => (Path: Repository.Relative(path), Lines: File.ReadAllLines(path).Length))
            .Where(file => file.Lines > (file.Path.Contains("/test/", StringComparison.Ordinal) || file.Path.StartsWith("e2e/", StringComparison.Ordinal) ? MaxTestLines : MaxLines)));

    [Fact]
    public void Files_are_short_in_the_median()
    {
        var lengths = Sources.Where(path => Repository.Relative(path).StartsWith("core/src/", StringComparison.Ordinal))
            .Select(path => File.ReadAllLines(path).Length).Order().ToArray();
        Assert.InRange(lengths[lengths.Length / 2], 1, MedianLines);
    }

    [Fact]
    public void No_type_is_called_after_nothing()
        => Assert.Empty(Sources.SelectMany(path => TypeName().Matches(File.ReadAllText(path))
            .Select(match => match.Groups["name"].Value)
            .Where(name => BannedSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)))
            .Select(name => $"{Repository.Relative(path)}: {name}")));

    [Fact]
    public void Nothing_is_left_to_do_in_comments()
        => Assert.Empty(Sources.Where(path => LeftOver().IsMatch(File.ReadAllText(path))).Select(Repository.Relative));

    [Fact]
    public void Warnings_are_silenced_with_a_reason_only()
        => Assert.Empty(Sources.SelectMany(path => File.ReadLines(path)
            .Where(line => line.TrimStart().StartsWith("#pragma warning disable", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal))
            .Select(line => $"{Repository.Relative(path)}: {line.Trim()}")));

    [Fact]
    public void An_id_of_a_log_message_means_one_message()
        => Assert.Empty(Sources.SelectMany(path => LogId().Matches(File.ReadAllText(path)).Select(match => match.Groups["id"].Value))
            .CountBy(id => id).Where(id => id.Value > 1).Select(id => id.Key));

    [GeneratedRegex(@"\[LoggerMessage\((?<id>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex LogId();

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(?<name>[A-Z]\w*)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"//.*\b(?:TO" + "DO|FIX" + "ME|HACK)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex LeftOver();
}
