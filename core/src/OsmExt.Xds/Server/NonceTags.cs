namespace OsmExt.Xds.Server;

/// <summary>Draws what makes the nonces of one stream different from those of another.</summary>
internal sealed class NonceTags(Func<ulong> draw)
{
    public ulong Draw() => draw();
}
