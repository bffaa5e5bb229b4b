namespace OsmExt.PluginHost.Running;

/// <summary>What a plugin has cost since it was first loaded, through all its versions. Written and read by any thread.</summary>
internal sealed class PluginUsage
{
    private long _calls;
    private long _errors;
    private long _ticks;
    private long _allocated;
    private long _rejections;

    /// <summary>Calls of its code and renderings of its templates.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Those of them that failed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>How long they took.</summary>
    public TimeSpan Time => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Bytes they allocated; unknown of calls that did not come back.</summary>
    public long Allocated => Interlocked.Read(ref _allocated);

    /// <summary>Contributions that Envoy refused.</summary>
    public long Rejections => Interlocked.Read(ref _rejections);

    public void Called(bool failed, TimeSpan took, long allocated)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _errors, failed ? 1 : 0);
        Interlocked.Add(ref _ticks, took.Ticks);
        Interlocked.Add(ref _allocated, allocated);
    }

    public void Rejected() => Interlocked.Increment(ref _rejections);
}
