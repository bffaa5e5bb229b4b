namespace OsmExt.Simulation;

/// <summary>
/// Something decides here that the simulator does not know. It ends the decision: a guess would be taken for an answer.
/// </summary>
/// <param name="element">The element's name, as the configuration gives it.</param>
/// <param name="reason">What about it is not known.</param>
internal sealed class UndecidedException(string element, string reason) : Exception($"{element}: {reason}")
{
    public string Element { get; } = element;

    public string Reason { get; } = reason;
}
