namespace OsmExt.Testing.Xds;

/// <summary>A stream whose reading can be put off.</summary>
internal interface IStartReading
{
    void StartReading();
}
