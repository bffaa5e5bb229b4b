namespace OsmExt.Kubernetes.Views;

/// <summary>What HTTP allows as a header's name.</summary>
internal static class HttpToken
{
    private const string Signs = "!#$%&'*+-.^_`|~";

    public static bool Is(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || Signs.Contains(letter, StringComparison.Ordinal));
}
