namespace OsmExt.Testing.Hosting;

/// <summary>A mesh does not do what a test expects. The message says who, to whom, what was expected, what came, and why the mesh decides so.</summary>
public sealed class MeshExpectationException : Exception
{
    /// <summary>With a message.</summary>
    /// <param name="message">What is not as expected.</param>
    public MeshExpectationException(string message)
        : base(message)
    {
    }
}
