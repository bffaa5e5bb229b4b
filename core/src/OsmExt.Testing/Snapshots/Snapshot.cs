using System.Text;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace OsmExt.Testing.Snapshots;

/// <summary>
/// Compares text with a file that somebody has read and accepted. The file conventions are Verify's: <c>NAME.verified.EXT</c>
/// is the accepted text, <c>NAME.received.EXT</c> is written beside it when they differ and is not committed.
/// </summary>
public static class Snapshot
{
    /// <summary>
    /// Set to <c>1</c> to rewrite the accepted files of the tests that run. Refused where <c>CI</c> is set. Read the change
    /// before you commit it: a snapshot that blesses a bug is a bug.
    /// </summary>
    public const string AcceptVariable = "OSM_ACCEPT_SNAPSHOTS";

    private const int DiffContext = 3;

    /// <summary>Fails unless the text equals the accepted one.</summary>
    /// <param name="text">The text; line ends count as <c>\n</c>.</param>
    /// <param name="pathWithoutSuffix">Where the files are, up to <c>.verified</c>, for example <c>cases/split/bookbuyer</c>.</param>
    /// <param name="extension">File extension without dot.</param>
    /// <exception cref="SnapshotException">The text differs, or no text has been accepted yet; the message shows the difference.</exception>
    public static void Verify(string text, string pathWithoutSuffix, string extension = "yaml")
    {
        ArgumentNullException.ThrowIfNull(text);
        var verified = $"{pathWithoutSuffix}.verified.{extension}";
        var received = $"{pathWithoutSuffix}.received.{extension}";
        var actual = Normalize(text);
        var expected = File.Exists(verified) ? Normalize(File.ReadAllText(verified)) : null;
        if (string.Equals(actual, expected, StringComparison.Ordinal))
        {
            File.Delete(received);
            return;
        }

        if (Accepts())
        {
            File.WriteAllText(verified, actual);
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, actual);
        throw new SnapshotException(
            $"{(expected is null ? "Nothing has been accepted yet for" : "The text differs from")} {verified}.\n{Diff(expected ?? "", actual)}\n"
            + $"Read {received}; if it is right, run the test again with {AcceptVariable}=1.");
    }

    /// <summary>Fails when a folder holds accepted files that no longer belong to anything.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="names">The names, up to <c>.verified</c>, that belong.</param>
    /// <exception cref="SnapshotException">A file is left over.</exception>
    public static void NothingElse(string folder, IEnumerable<string> names)
    {
        var belong = names.ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*.verified.*").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (belong.Contains(name[..name.IndexOf(".verified.", StringComparison.Ordinal)]))
            {
                continue;
            }

            if (!Accepts())
            {
                throw new SnapshotException($"{file} belongs to nothing any more. Delete it, or run the test again with {AcceptVariable}=1.");
            }

            File.Delete(file);
        }
    }

    private static bool Accepts()
    {
        if (Environment.GetEnvironmentVariable(AcceptVariable) != "1")
        {
            return false;
        }

        return string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
            ? true
            : throw new SnapshotException($"{AcceptVariable} is set where CI is: snapshots are accepted by people, not by machines.");
    }

    private static string Normalize(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";

    private static string Diff(string before, string after)
    {
        var lines = InlineDiffBuilder.Diff(before, after).Lines;
        var near = new bool[lines.Count];
        for (var index = 0; index < lines.Count; index++)
        {
            if (lines[index].Type is ChangeType.Inserted or ChangeType.Deleted)
            {
                Array.Fill(near, true, Math.Max(0, index - DiffContext), Math.Min(lines.Count, index + DiffContext + 1) - Math.Max(0, index - DiffContext));
            }
        }

        var text = new StringBuilder();
        for (var index = 0; index < lines.Count; index++)
        {
            if (near[index])
            {
                var mark = lines[index].Type switch { ChangeType.Inserted => "+ ", ChangeType.Deleted => "- ", _ => "  " };
                text.Append(mark).Append(lines[index].Text).Append('\n');
            }
            else if (index > 0 && near[index - 1])
            {
                text.Append("  ...\n");
            }
        }

        return text.ToString();
    }
}

/// <summary>A snapshot that is missing or differs.</summary>
public sealed class SnapshotException : Exception
{
    /// <summary>With a message for people.</summary>
    public SnapshotException(string message)
        : base(message)
    {
    }

    /// <summary>Without a message.</summary>
    public SnapshotException()
    {
    }

    /// <summary>With a message and a cause.</summary>
    public SnapshotException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
