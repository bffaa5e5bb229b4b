namespace OsmExt.DataPlane.Observation;

/// <summary>Who wants to know of requests and connections that have ended, for access logs and statistics.</summary>
internal interface IStreamSink
{
    /// <summary>Called once for each, on the thread that served it: it must neither wait nor throw.</summary>
    void Ended(StreamRecord record);
}
