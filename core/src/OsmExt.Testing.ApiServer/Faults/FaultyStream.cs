namespace OsmExt.Testing.ApiServer.Faults;

/// <summary>An open watch, which can be cut.</summary>
internal sealed class FaultyStream : IDisposable
{
    private readonly CancellationTokenSource _cut;
    private readonly Action<FaultyStream> _closed;

    public FaultyStream(Action<FaultyStream> closed, CancellationToken stop)
    {
        _cut = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _closed = closed;
        Token = _cut.Token;
    }

    public CancellationToken Token { get; }

    public bool IsCut { get; private set; }

    /// <summary>How many events it has carried.</summary>
    public int Events { get; set; }

    public void Cut()
    {
        IsCut = true;
        try
        {
            _cut.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    public void Dispose()
    {
        _closed(this);
        _cut.Dispose();
    }
}
