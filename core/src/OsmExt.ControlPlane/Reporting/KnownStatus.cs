using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>An object's status, and all that it was made from. It is made again when any of that is another.</summary>
internal sealed class KnownStatus(ResourceKey key, ObjectStatus? status)
{
    private StatusSubject? _subject;

    public ResourceKey Object => key;

    /// <summary>How the object is called in configuration.</summary>
    public string Name { get; } = key.ToString();

    /// <summary>Null before the first time.</summary>
    public ObjectStatus? Status { get; private set; } = status;

    /// <summary>When it was last looked at; 0 for never.</summary>
    public long Round { get; private set; }

    public void Renew(StatusSubject subject, DateTimeOffset now, long round)
    {
        Round = round;
        if (_subject is null || !_subject.IsSameAs(subject))
        {
            (_subject, Status) = (subject, StatusTimes.Of(Conditions.Of(subject), Status, now));
        }
    }
}
