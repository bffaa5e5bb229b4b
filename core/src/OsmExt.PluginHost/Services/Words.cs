using System.Reflection;

namespace OsmExt.PluginHost.Services;

/// <summary>What plugins say, as one line of bounded length: it is shown to people, and stands in logs.</summary>
internal static class Words
{
    private const int Longest = 500;

    public static string Of(string? text)
    {
        var line = string.Concat((text ?? "").Take(Longest).Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
        return line.Length == 0 ? "It says nothing" : line;
    }

    /// <summary>Of a failure, whose message is code of whoever made it.</summary>
    public static string Of(Exception failure)
    {
        var cause = failure is AggregateException or TargetInvocationException && failure.InnerException is { } inner ? inner : failure;
        try
        {
            return Of($"{cause.GetType().Name}: {cause.Message}").TrimEnd('.');
        }
        catch (Exception)
        {
            return cause.GetType().Name;
        }
    }
}
