using System.Security.Cryptography;
using System.Text;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>A manifest file over time.</summary>
internal sealed class TrackedFile(string label)
{
    private byte[] _hash = [];
    private PluginKinds _kinds = PluginKinds.None;

    public FileContent Content { get; private set; } = FileContent.Empty;

    /// <summary>The file as it was when it was last read; null when it was not, or in vain.</summary>
    public FileStamp? Stamp { get; private set; }

    /// <summary>Why it cannot be read; its last good content stays in force meanwhile.</summary>
    public Diagnostic? Problem { get; private set; }

    /// <summary>Whether a later attempt may succeed although the file looks the same.</summary>
    public bool NeedsRetry => Problem is not null && Stamp is null;

    /// <summary>Since when objects are missing from it whose removal is not believed yet, and when it will be.</summary>
    public (long Since, long Until)? Doubt { get; private set; }

    /// <summary>Takes in a text read from the file.</summary>
    /// <param name="stamp">The file as it was before reading.</param>
    /// <param name="text">What was read.</param>
    /// <param name="isReplaced">Whether the file was put in place as a whole, so that what it lacks is really gone.</param>
    /// <param name="doubt">From when to when to doubt removals.</param>
    /// <param name="kinds">The kinds that plugins bring.</param>
    public void Accept(FileStamp stamp, FileText text, bool isReplaced, (long Since, long Until) doubt, PluginKinds? kinds = null)
    {
        var isMoved = Stamp is not null && !string.Equals(Stamp.ResolvedPath, stamp.ResolvedPath, StringComparison.Ordinal);
        Problem = text.Problem;
        if (text.Text is null)
        {
            Stamp = text.MayPass ? null : stamp;
            return;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.Text));
        var isFirst = Stamp is null && !Content.HasObjects;
        Stamp = stamp;
        kinds ??= PluginKinds.None;
        var isReread = !kinds.Equals(_kinds);
        if (isReread || !hash.AsSpan().SequenceEqual(_hash))
        {
            (_hash, _kinds) = (hash, kinds);
            Content = Content.Next(ManifestReader.Read(text.Text, label, kinds), isFirst || isReplaced || isMoved || isReread);
            Doubt = Content.HasDoubtfulRemovals ? (Doubt?.Since ?? doubt.Since, doubt.Until) : null;
        }
    }

    /// <summary>Believes that the objects it lacks are gone.</summary>
    public void Settle()
    {
        Content = Content.BelieveRemovals();
        Doubt = null;
    }

    /// <summary>What is wrong with the file as a whole.</summary>
    public IEnumerable<Diagnostic> Diagnostics()
    {
        if (Problem is null)
        {
            yield break;
        }

        yield return Problem;
        if (Content.HasObjects)
        {
            yield return new(DiagnosticCodes.LastGoodKept, Severity.Warning, null, "", "What was last read from this file stays in force",
                "Make the file readable again, or remove it to remove its objects", new SourceLocation(label));
        }
    }
}
