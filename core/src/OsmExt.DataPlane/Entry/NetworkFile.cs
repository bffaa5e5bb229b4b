namespace OsmExt.DataPlane.Entry;

/// <summary>Follows a <see cref="NetworkDocument"/>: whoever asks gets what the file says at that moment.</summary>
internal sealed class NetworkFile(string path)
{
    private readonly Lock _gate = new();
    private DateTime _written;
    private LoopbackNetwork? _network;

    /// <summary>The network now. A file that is gone or broken leaves what was read last in force.</summary>
    /// <exception cref="FormatException">It has never been readable.</exception>
    /// <exception cref="IOException">It has never been readable.</exception>
    public LoopbackNetwork Current
    {
        get
        {
            lock (_gate)
            {
                // It is replaced as a whole, so its time tells whether it is another; looking is cheap beside opening a connection.
                var written = File.GetLastWriteTimeUtc(path);
                if (_network is null || written != _written)
                {
                    try
                    {
                        (_network, _written) = (NetworkDocument.Load(path).Read(), written);
                    }
                    catch (Exception failure) when (_network is not null && failure is IOException or FormatException)
                    {
                        _written = written;
                    }
                }

                return _network;
            }
        }
    }
}
